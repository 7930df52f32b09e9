// The categories, shared by the screens that show or offer them. A screen loads them when it opens.
import { createList } from "./list.js";

export const categories = createList("/v1/pushnotification/categories", { limit: 500 });
