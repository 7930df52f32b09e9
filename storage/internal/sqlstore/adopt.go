package sqlstore

import (
	"slices"

	"recado/storage"
)

// adopt takes over what earlier runs had claimed and not settled.
func (c *claimer) adopt() error {
	for !c.adopted && c.room > 0 && c.budget > 0 {
		var lease, notification int64
		var packed []byte
		ok, err := found(c.tx.row(`SELECT key, notification, members FROM lease WHERE run <> ? ORDER BY key LIMIT 1`, c.run).
			Scan(&lease, &notification, &packed))
		if err != nil {
			return err
		}
		if !ok {
			c.adopted = true
			return nil
		}
		rest, err := c.adoptLease(notification, packed)
		if err != nil {
			return err
		}
		if len(rest) == 0 {
			_, err = c.exec(`DELETE FROM lease WHERE key = ?`, lease)
		} else {
			_, err = c.exec(`UPDATE lease SET members = ?, remaining = ? WHERE key = ?`, packKeys(rest), len(rest), lease)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// adoptLease claims members of a lease again, as many as there is room for, and
// returns the rest.
func (c *claimer) adoptLease(notification int64, packed []byte) (rest []int64, err error) {
	w, err := c.work(notification)
	if err != nil || w == nil {
		return nil, err
	}
	open, err := c.unsettled(notification, packed)
	if err != nil {
		return nil, err
	}
	considered := open[:min(len(open), c.budget)]
	living, err := c.audience.living(considered)
	if err != nil {
		return nil, err
	}
	var taken []storage.Recipient
	for i, key := range considered {
		if c.room == 0 {
			return open[i:], c.lease(w, taken)
		}
		var to *storage.Recipient
		if len(living) > 0 && living[0].Key == key {
			to, living = &living[0], living[1:]
		}
		attempt, err := c.offer(w, key, to)
		if err != nil {
			return nil, err
		}
		if attempt {
			taken = append(taken, *to)
		}
	}
	return open[len(considered):], c.lease(w, taken)
}

// unsettled is who of a lease has no delivery.
func (c *claimer) unsettled(notification int64, packed []byte) ([]int64, error) {
	keys, err := unpackKeys(packed)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	settled, err := c.tx.keys(`SELECT subscription FROM delivery
		WHERE notification = ? AND subscription >= ? AND subscription <= ? ORDER BY subscription`,
		notification, keys[0], keys[len(keys)-1])
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(keys, func(k int64) bool {
		_, ok := slices.BinarySearch(settled, k)
		return ok
	}), nil
}
