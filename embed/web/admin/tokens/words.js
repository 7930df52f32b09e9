// What a token may do, in a word.
import { t } from "../../lang.js";

const words = { admin: () => t("tokens.admin"), publish: () => t("tokens.publish"), read: () => t("tokens.read") };

export const scopeWord = (scope) => words[scope]();
