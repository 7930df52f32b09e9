package storage

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound: nothing has that id, or it was removed.
	ErrNotFound = errors.New("not found")
	// ErrExists: the name, key or hash is already taken.
	ErrExists = errors.New("already exists")
	// ErrInUse: something still depends on what was to be removed.
	ErrInUse = errors.New("still in use")
	// ErrEnded: the notification has ended and cannot change any more.
	ErrEnded = errors.New("already ended")
	// ErrIdempotencyKey: the key came before with other bytes.
	ErrIdempotencyKey = errors.New("the Idempotency-Key was used before with another body")
	// ErrUnavailable: the engine cannot write or read now (disk full, read-only,
	// broken, locked). Nothing was changed; trying again later may work.
	ErrUnavailable = errors.New("storage is unavailable")
	// ErrInvite: the invite is unknown, has expired or is used up.
	ErrInvite = errors.New("the invite is unknown, has expired or is used up")
	// ErrNoKey: there is no VAPID key that a subscription could be bound to.
	ErrNoKey = errors.New("there is no VAPID key")
)

// UnknownCategoryError says that a category of that name does not exist.
type UnknownCategoryError struct{ Name string }

func (e *UnknownCategoryError) Error() string {
	return fmt.Sprintf("category %q does not exist", e.Name)
}
