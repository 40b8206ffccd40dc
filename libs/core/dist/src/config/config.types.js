/** What can be sold, as far as bindings tell it apart. */ export const productTypes = [
    'hosting',
    'wordpress',
    'email',
    'storage',
    'vps',
    'domain',
    'licence'
];

//# sourceMappingURL=config.types.js.map
