package sqlstore

import "maps"

// Statements are the texts of all statements used so far.
func Statements(s *Store) map[string]bool {
	all := make(map[string]bool)
	for text := range maps.Keys(s.reads.byText) {
		all[text] = true
	}
	for text := range maps.Keys(s.writer.cache.byText) {
		all[text] = true
	}
	return all
}
