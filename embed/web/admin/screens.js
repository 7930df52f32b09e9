// The screens of the operator's page, in the order of the navigation. scope is what a session needs to use one.
import { t } from "../lang.js";
import { Categories } from "./screens/categories.js";
import { Invites } from "./screens/invites.js";
import { Live } from "./screens/live.js";
import { Notifications } from "./screens/notifications.js";
import { Send } from "./screens/send.js";
import { Subscriptions } from "./screens/subscriptions.js";
import { System } from "./screens/system.js";
import { Tokens } from "./screens/tokens.js";

export const screens = {
  live: { Screen: Live, scope: "read", icon: "live", title: () => t("nav.live") },
  send: { Screen: Send, scope: "admin", icon: "send", title: () => t("nav.send") },
  notifications: { Screen: Notifications, scope: "read", icon: "bell", title: () => t("nav.notifications") },
  subscriptions: { Screen: Subscriptions, scope: "read", icon: "devices", title: () => t("nav.subscriptions") },
  categories: { Screen: Categories, scope: "read", title: () => t("nav.categories") },
  invites: { Screen: Invites, scope: "admin", title: () => t("nav.invites") },
  tokens: { Screen: Tokens, scope: "admin", title: () => t("nav.tokens") },
  system: { Screen: System, scope: "read", title: () => t("nav.system") },
};
