/**
 * What the billing API v1 fixes about the one panel that it names (http contracts, section C): the only place of this application
 * that knows a vendor.
 */
export const panelPlugin = 'nextpanel';

/** Base of its addresses. */
export const panelPath = 'api/v1/nextpanel';

/** How clients read the panel's own id of an account. */
export interface PanelUserId {
  nextpanel_user_id: number | string | null;
}

export function panelUserIdOf(remoteId: string | undefined): PanelUserId {
  const id = remoteId !== undefined && /^\d{1,15}$/.test(remoteId) ? Number(remoteId) : (remoteId ?? null);
  return { nextpanel_user_id: id };
}
