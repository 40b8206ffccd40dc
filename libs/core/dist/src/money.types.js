/** An amount of money: whole minor units (cents) and ISO 4217 code in upper case. Never a float, never without its currency. */ export { };

//# sourceMappingURL=money.types.js.map
