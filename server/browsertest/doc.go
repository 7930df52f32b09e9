// Package browsertest drives real browsers against a real recado binary,
// without the internet and without any tool but Go and the browsers.
//
// What it promises:
//
//   - Firefox is the real one, headless, over Marionette. Subscription,
//     encryption, service worker and click handling are the browser's own; the
//     push service behind it is [Autopush] on loopback, and the system's
//     notification area is replaced by a recorder inside the browser, so that
//     a test can read what was shown, click it and close it.
//   - Chromium is the real one too, headless, over the DevTools protocol. Behind
//     it stand [GCM], which plays Google's services, and [Desktop], the
//     notification area of a Linux desktop, where its notifications are shown and
//     pressed. The host of its endpoints is compiled into it, so what sends there
//     has to be led to GCM.
//   - Nothing waits for a fixed time. Every wait ends with an event or with the
//     test's context, and a wait that fails says what was seen instead.
//   - A browser that is not installed skips the test, except with CI=true in
//     the environment, where it fails it.
//   - Processes started here end with the test, also when it is killed.
package browsertest
