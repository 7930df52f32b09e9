// Package live is the live delivery log: a Hub that is told of every commit and
// any number of Viewers that are shown what they asked for, as the JSON text of
// frames. It knows nothing of how frames travel.
//
// It promises:
//
//   - A viewer is shown every change of a delivery that its filter lets pass, each
//     once and in the order of seq, from where it begins; or is told at that place
//     that some were skipped. One that begins in the past is first shown, from
//     storage, how deliveries stand that have changed since.
//   - Nothing waits for a viewer: Publish never blocks, and one that cannot keep up
//     loses what it has not taken yet. Nobody else notices.
//   - Memory is bounded: by the hub's backlog, each filter's and each viewer's.
//   - Without viewers there is nothing to do and nothing is done.
//
// # How it goes
//
// Publish puts a commit into the queue. Run's goroutine, the only one that touches
// groups, takes what is there at most every 50 ms: it looks up the notifications
// that changes are of, gives each group of viewers with the same filter what
// passes, encodes at most 500 of a group's as one frame and gives that to its
// viewers. What is more waits for the next round.
//
// A viewer that joins pages through storage by seq, at the pace at which it takes
// the frames, until it has come as far as its group; then it joins that and drops
// what it already has. Storage is always as far as the hub or further, since a
// commit is published after it was made; and from the moment that the viewer is
// counted, every commit reaches the queue. So nothing falls between the two.
package live
