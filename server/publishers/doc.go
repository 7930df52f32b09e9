// Package publishers holds what the packages below it share, one for each kind of
// publisher that speaks no API of recado's. They are pure: bytes and headers in, a
// message out.
package publishers
