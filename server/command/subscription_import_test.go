package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"recado/storage"
)

// importStore imports everything but endpoints that end in /twice, until it breaks.
type importStore struct {
	stored int
	broken error
}

func (s *importStore) ImportSubscriptions(_ context.Context, _ time.Time, batch []storage.Subscribe) ([]storage.Imported, error) {
	if s.broken != nil && s.stored > 0 {
		return nil, s.broken
	}
	s.stored += len(batch)
	results := make([]storage.Imported, len(batch))
	for i, sub := range batch {
		if strings.HasSuffix(sub.Endpoint, "/twice") {
			results[i].Err = storage.ErrExists
		}
		if sub.KeyID != "key" {
			results[i].Err = storage.ErrNoKey
		}
	}
	return results, nil
}

func testImporter(store *importStore, stderr io.Writer) *importer {
	return &importer{p: Process{Stderr: stderr, Now: time.Now}, policy: testPolicy(), keyID: "key", store: store, progress: func(int) {}}
}

func TestImportReportsInTheOrderOfTheFile(t *testing.T) {
	var file strings.Builder
	for n := 1; n <= 2*importBatch+10; n++ {
		switch n % 500 {
		case 1:
			file.WriteString("{}\n")
		case 2:
			file.WriteString(`{"endpoint":"https://push.example.com/twice",` + goodKeys + "}\n")
		default:
			fmt.Fprintf(&file, `{"endpoint":"https://push.example.com/%d",%s}`+"\n", n, goodKeys)
		}
	}
	var stderr, want strings.Builder
	for n := 0; n <= 2000; n += 500 {
		fmt.Fprintf(&want, "line %d: endpoint: is missing\nline %d: id belongs to another endpoint\n", n+1, n+2)
	}
	i := testImporter(&importStore{}, &stderr)
	if err := i.run(t.Context(), strings.NewReader(file.String())); err != nil {
		t.Fatal(err)
	}
	if i.imported != 2000 || i.updated != 0 || i.refused != 10 || stderr.String() != want.String() {
		t.Errorf("imported %d, updated %d, refused %d:\n%s", i.imported, i.updated, i.refused, &stderr)
	}
}

func TestImportStopsWhenStorageBreaks(t *testing.T) {
	file := strings.Repeat(`{"endpoint":"https://push.example.com/a",`+goodKeys+"}\n", 10*importBatch)
	i := testImporter(&importStore{broken: storage.ErrUnavailable}, io.Discard)
	if err := i.run(t.Context(), strings.NewReader(file)); !errors.Is(err, storage.ErrUnavailable) || i.imported != importBatch {
		t.Errorf("imported %d, %v", i.imported, err)
	}
}
