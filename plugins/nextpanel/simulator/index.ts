export type { PanelLicence, PanelResource } from './licence-questions.js';
export * from './nextpanel.simulator.js';
export type * from './panel-state.types.js';
