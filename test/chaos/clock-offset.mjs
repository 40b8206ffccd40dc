// Loaded into a process before all else: shifts its wall clock by CLOCK_OFFSET_MS, as on a machine whose clock is wrong.
const offset = Number(process.env.CLOCK_OFFSET_MS ?? '0');
const TrueDate = Date;
globalThis.Date = class extends TrueDate {
  constructor(...parts) {
    if (parts.length === 0) super(TrueDate.now() + offset);
    else super(...parts);
  }

  static now() {
    return TrueDate.now() + offset;
  }
};
