// Package ntfy reads what publishers send to a server of ntfy's kind, and writes
// what they expect to read: https://docs.ntfy.sh/publish/.
//
// # Promises
//
// Parse and ParseJSON look at a request's parts alone and never panic, whatever
// the bytes. What ntfy itself would refuse is an *Error with ntfy's code; but for
// what is only a matter of taste (a number as a string, text in an old encoding, a
// file with no place to keep it) the message comes through, for losing it is
// worse. What a browser cannot do with it stands in the notification's warnings.
//
// Times without a zone are in the zone of the time that Parse is given.
//
// emoji.txt is made of the names in gemoji 8.1.0 (https://github.com/wooorm/gemoji,
// © 2014 Titus Wormer, MIT licence), the list that ntfy's own apps use.
package ntfy
