// What can be asked of one subscription.
import { get, patch, remove } from "../server.js";

const path = (id) => `/v1/subscriptions/${encodeURIComponent(id)}`;

export const readOne = (id) => get(path(id));
export const changeOne = (id, change) => patch(path(id), change);

// removeOne is content when somebody else was faster.
export const removeOne = (id) => remove(path(id)).catch((error) => { if (error.status !== 404) throw error; });
