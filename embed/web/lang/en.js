// English. One key a line; a test compares the languages with each other and with what the pages use.
export default {
  "skip": "Skip to content",
  "theme.auto": "Theme: automatic",
  "theme.light": "Theme: light",
  "theme.dark": "Theme: dark",
  "language": "Language",
  "foot.with": "{name}, with recado",
  "saved": "Saved",
  "device.guess": "{browser} on {system}",
  "device.unknown": "This device",
  "message.unreadable": "A message arrived without readable text.",

  "new.title": "Messages from {name}, on this device",
  "new.lead": "They reach you through your browser, also when this page is closed. No app, no account.",
  "new.categories": "What would you like to hear about?",
  "new.invited": "You are invited",
  "new.invited.body": "Whoever sent you this link has chosen what you hear about.",
  "new.button": "Turn on notifications",
  "new.busy": "Turning on",
  "new.hint": "Your browser asks once for permission. You can turn it off here at any time.",
  "example.label": "Example of a message",
  "example.now": "now",
  "example.title": "Your messages look like this",
  "example.body": "A short note, shown on your screen. Press it to read more.",

  "on.title": "Notifications are on",
  "on.last": "Last one shown {when}",
  "on.none": "Nothing has arrived yet",
  "on.label": "This device is called",
  "on.label.hint": "So that you and the sender can tell your devices apart.",
  "on.categories": "What you hear about",
  "on.categories.invited": "Your invite chose for you. Once you choose here, your choice counts, besides what only an invite gives.",
  "on.test": "Show me a test",
  "on.test.busy": "Showing a test",
  "on.off": "Turn off on this device",
  "on.off.busy": "Turning off",
  "off.done": "Notifications are off on this device",

  "messages.title": "Recent messages",
  "messages.kept": "kept on this device only",
  "messages.empty": "No messages yet",
  "messages.empty.body": "What arrives stays here for 30 days, so nothing is missed.",
  "messages.older": "Show older",
  "messages.new": "New",
  "messages.test": "Test",

  "test.message": "Test from {name}",
  "test.body": "This is how messages appear on this device.",
  "test.shown": "The test was handed to your system. It should be on your screen now.",
  "mute.summary": "Nothing appears on the screen",
  "mute.body": "Then your system mutes the browser. Windows: Settings, System, Notifications. macOS: System Settings, Notifications. Android: Settings, Apps, your browser, Notifications. Also look for Do not disturb.",

  "again": "Try again",
  "check": "Check again",
  "checking": "Checking",
  "copy": "Copy this address",
  "copied": "Copied",
  "server.said": "The server said: {message}",
  "browser.said": "The browser said: {message}",

  "dismissed.title": "The question was closed without an answer",
  "dismissed.lead": "Press the button once more and choose Allow.",

  "blocked.title": "Your browser blocks notifications from this page",
  "blocked.lead": "Only you can change that, in three steps. This page cannot ask again by itself.",
  "blocked.chrome.1": "Press the settings icon left of the address.",
  "blocked.chrome.2": "Set <b>Notifications</b> to <b>Allow</b>. On a phone it is under Permissions.",
  "blocked.firefox.1": "Press the notifications icon or the lock left of the address.",
  "blocked.firefox.2": "Remove <b>Blocked</b> next to Send notifications.",
  "blocked.safari.1": "Open Safari, Settings, Websites, <b>Notifications</b>.",
  "blocked.safari.2": "Set this page to <b>Allow</b>.",
  "blocked.ios.1": "Open Settings, Apps (or Notifications), <b>{name}</b>.",
  "blocked.ios.2": "Turn on <b>Allow Notifications</b>.",
  "blocked.3": "Come back and check.",
  "blocked.picture": "The address bar with the site settings icon marked, and below it the Notifications switch",
  "blocked.picture.word": "Notifications",
  "blocked.private.summary": "There is no such switch, or it does not stay",
  "blocked.private.body": "Private and incognito windows never allow notifications. Open this page in a normal window. On a work computer the administrator may have switched them off.",

  "insecure.title": "This address is not secure, so browsers forbid notifications here",
  "insecure.lead": "You opened <code>{origin}</code>. Browsers allow notifications only over https, or on the machine itself.",
  "insecure.open": "Open {address}",
  "insecure.owner": "Do you run this server?",
  "insecure.https": "<b>Best: put it behind https.</b> Two lines in a Caddyfile are enough, also at home:",
  "insecure.tls": "Or give recado a certificate: <code>tls.cert_file</code> and <code>tls.key_file</code>. Then set <code>base_url</code> to the https address.",
  "insecure.local": "Only trying it out? On the same machine open <a>{address}</a>.",

  "private.title": "This window keeps nothing, so it cannot receive messages",
  "private.lead": "It is probably a private window, or your browser deletes site data on its own. Open this page in a normal window and turn notifications on there.",

  "unsupported.title": "This browser cannot receive notifications",
  "unsupported.lead": "Open this page in a current Firefox, Chrome, Edge or Safari. On iPhone and iPad it needs iOS 16.4 or newer.",
  "unsupported.inside": "Did it open inside another app, such as a chat? Choose “Open in browser” in its menu.",

  "ios.title": "One step first on iPhone and iPad",
  "ios.lead": "Apple allows notifications only for pages on the Home Screen. It takes ten seconds and needs iOS 16.4 or newer.",
  "ios.1": "Press <b>Share</b> <icon>share</icon> below the page.",
  "ios.1.picture": "Safari’s bottom bar with the Share button marked",
  "ios.2": "Choose <b>Add to Home Screen</b>, then <b>Add</b>.",
  "ios.2.picture": "The Share menu with Add to Home Screen marked",
  "ios.2.word": "Add to Home Screen",
  "ios.3": "Open it from there and turn notifications on.",
  "ios.3.picture": "The home screen with the new icon marked",
  "ios.other": "Not in Safari? In Chrome, Edge and Firefox on iOS, Share is in the address bar or the menu.",

  "worker.title": "Your browser did not let this page work in the background",
  "worker.lead": "That part receives the messages. Most often the reason is a certificate that the browser does not trust, a private window, or blocked site data and cookies. Change that and check again.",

  "unreachable.title": "The server does not answer",
  "unreachable.lead": "Check that this device is online, in the same network if the server is at home, and try again. Messages sent meanwhile come later.",

  "service.title": "Your browser’s push service cannot be reached",
  "service.lead": "Messages travel through the service of your browser’s maker. This device needs internet, and no firewall or VPN in between. Some browsers have it switched off in their settings.",
  "brave.title": "Brave has its push service switched off",
  "brave.lead": "Open <code>brave://settings/privacy</code>, turn on <b>Use Google services for push messaging</b>, restart Brave and come back.",

  "host.title": "This server does not work with your browser’s push service",
  "host.lead": "The server sends only to push services that its operator has allowed. Another browser may work.",
  "host.owner": "Do you run this server? Add <code>{host}</code> to <code>push.allowed_hosts</code> and restart it.",

  "invite.title": "This server needs an invite",
  "invite.lead": "Open the invite link that you received, on this device. If you have none, ask whoever runs this server for one.",
  "badinvite.title": "This invite does not work",
  "badinvite.lead": "It has expired, is used up, or part of the link is missing. Ask for a new one, or go on without it.",
  "badinvite.button": "Go on without the invite",

  "busy.title": "Too many requests from your network",
  "busy.lead": "Wait a minute and try again.",

  "refused.title": "The server did not accept this device",
  "refused.lead": "Load the page again. If it stays so, tell the operator what stands here.",

  "muted.title": "Your browser did not show the test",
  "muted.lead": "Look into the notification settings of your system, then try again.",

  "offlineoff.title": "Notifications are off on this device",
  "offlineoff.lead": "The server did not answer. It takes this device off its list by itself at the next message.",

  // The operator's page.
  "undo": "Undo",
  "close": "Close",
  "keep": "Keep",
  "optional": "optional",
  "copy.it": "Copy",

  "problem.unreachable": "The server did not answer. Check that it runs and that this device is online.",
  "problem.busy": "Too many tries. Wait {seconds} s and try again.",
  "problem.server": "The server could not do this now. Its log says why.",
  "problem.status": "The server refused this ({status}).",

  "nav.main": "Main",
  "nav.live": "Live",
  "nav.send": "Send",
  "nav.notifications": "Notifications",
  "nav.subscriptions": "Subscriptions",
  "nav.categories": "Categories",
  "nav.invites": "Invites",
  "nav.tokens": "Tokens",
  "nav.system": "System",
  "nav.more": "More",
  "nav.alerts": "{count} alerts",
  "connection.live": "Live",
  "connection.connecting": "Reconnecting",
  "connection.paused": "Paused",
  "connection.paused.new": "Paused, {count} new",
  "connection.offline": "Offline, again in {seconds} s",
  "signout": "Sign out",

  "signin.title": "Sign in",
  "signin.headline": "Sign in to {name}",
  "signin.token": "Token",
  "signin.hint": "An admin token, or a read token to look only. The first one stands in <code>DATA_DIR/admin-token</code>; <code>recado token create</code> makes another.",
  "signin.missing": "Paste a token.",
  "signin.wrong": "This token is wrong, revoked or expired.",
  "signin.button": "Sign in",
  "signin.busy": "Signing in",
  "signin.subscriber": "To the page for subscribers",

  "outcome.sent": "Sent",
  "outcome.displayed": "Shown",
  "outcome.clicked": "Clicked",
  "outcome.closed": "Closed",
  "outcome.retrying": "Retrying",
  "outcome.failed": "Failed",
  "outcome.gone": "Gone",
  "outcome.expired": "Expired",
  "outcome.canceled": "Canceled",
  "outcome.pending": "Waiting",
  "outcome.scheduled": "Scheduled",
  "outcome.sending": "Sending",
  "bar.label": "{parts} of {targeted}",
  "reason.sent": "{code}, accepted",
  "reason.proven": "the device itself has shown it",
  "reason.gone": "{code}, subscription removed",
  "reason.removed": "subscription removed",
  "reason.throttled": "{code}, throttled",
  "reason.down": "{code}, the push service has trouble",
  "reason.refused": "refused",
  "reason.again": "again at {when}",
  "reason.trying": "trying now",
  "reason.expired": "its time was over",
  "reason.expired.last": "its time was over; last: {last}",
  "reason.canceled": "stopped before it was sent",

  // Live.

  // Send.

  // Notifications.

  // Subscriptions.

  // Categories.

  // Invites.

  // Tokens.

  // System.
};
