package sqlstore_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"recado/storage/internal/sqlstore"
	"recado/storage/sqlite"
	"recado/storage/storagetest"
)

// TestPlans holds every statement that the conformance suite uses to indexes:
// none may walk a table that grows, or sort what it finds there. What is not in
// order is listed here with its reason.
func TestPlans(t *testing.T) {
	if testing.Short() {
		t.Skip("the statements are the same under the race detector, and the engine's own tests run there")
	}
	dir := t.TempDir()
	used := make(map[string]bool)
	storagetest.Methods(t, func(t *testing.T) storagetest.Store {
		s, err := sqlite.Open(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			for text := range sqlstore.Statements(s) {
				used[text] = true
			}
			s.Close()
		})
		return s
	})
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "recado.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	hastened := 0
	for text := range used {
		if strings.HasPrefix(text, "UPDATE delivery SET due_at = ? WHERE notification = ?") {
			hastened++
			if steps := plan(t, db, text); !slices.ContainsFunc(steps, func(step string) bool {
				return strings.Contains(step, "INDEX delivery_unsent (notification=? AND status=? AND subscription>?")
			}) {
				t.Errorf("a cancel walks more than its own retries: %q", steps)
			}
		}
		for _, step := range plan(t, db, text) {
			if walks.MatchString(step) && !excused(text, step) {
				t.Errorf("%s\n\t%s", strings.Join(strings.Fields(text), " "), step)
			}
		}
	}
	if hastened != 1 {
		t.Errorf("%d statements make the retries of a canceled one due", hastened)
	}
	if len(used) < 60 {
		t.Errorf("only %d statements were seen", len(used))
	}
}

// walks matches the steps of a plan that take longer the more there is.
var walks = regexp.MustCompile(`^(SCAN|USE TEMP B-TREE|.*AUTOMATIC)`)

// excused are the steps that are meant.
func excused(text, step string) bool {
	for _, ok := range []struct{ text, step string }{
		{"", "^SCAN (CONSTANT ROW|10-ROW VALUES CLAUSE)$"},
		// Small for ever.
		{"", "^SCAN (vapid_key|k|token|t|lease|category|i)( USING .*)?$"},
		{"pragma_page_count", "^SCAN pragma_page_"},
		// A week of hours, an hour of minutes.
		{"FROM tally", "^USE TEMP B-TREE FOR GROUP BY$"},
		// What is under way, or still to come, is few beside what was.
		{"sum(targeted", "^SCAN notification USING INDEX notification_list_sending$"},
		{"SELECT key, target", "^SCAN notification USING INDEX notification_list_(sending|scheduled)$"},
		// Merged in order, each from its index, up to the limit.
		{"UNION ALL", `^SCAN \(subquery-\d+\)$`},
		// In the order of an index that the limit ends.
		{"LIMIT", "^SCAN .* USING (COVERING )?INDEX notification_(unswept|unread|scheduled|deleted)$"},
		{"min(due_at)", "^S.* notification USING (COVERING )?INDEX notification_(unswept|scheduled)$"},
		{"EXISTS", "^SCAN subscription USING (COVERING )?INDEX subscription_declarative$"},
		// Counting walks, but over the smallest index.
		{"count(*)", "^SCAN subscription USING (COVERING )?INDEX subscription_living$"},
		{"count(*) FROM activity", "^SCAN y USING COVERING INDEX activity_silent$"},
		{"SELECT category, count(*)", "^SCAN member$"},
		{"GROUP BY m.category", "^USE TEMP B-TREE FOR GROUP BY$"},
	} {
		if strings.Contains(text, ok.text) && regexp.MustCompile(ok.step).MatchString(step) {
			return true
		}
	}
	return false
}

func plan(t *testing.T, db *sql.DB, text string) []string {
	if strings.HasPrefix(text, "BEGIN") || text == "COMMIT" || text == "ROLLBACK" {
		return nil
	}
	args := make([]any, strings.Count(text, "?"))
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}
