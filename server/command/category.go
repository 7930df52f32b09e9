package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"recado/server/config"
	"recado/storage"
	"recado/storage/sqlite"
)

const (
	maxCategoryName = 100 // characters, as the server has it
	maxDescription  = 500
)

func categoryCommand(p Process) *cli.Command {
	return &cli.Command{
		Name:  "category",
		Usage: "what subscribers can choose to hear about",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list the categories and how many joined them",
				Flags: []cli.Flag{jsonFlag(), dataDirFlag()}, Action: func(c *cli.Context) error { return categoryList(c, p) }},
			{Name: "add", Usage: "add a category", ArgsUsage: "NAME", Flags: []cli.Flag{
				&cli.StringFlag{Name: "description", Usage: "what comes in it, for subscribers: `TEXT`"},
				&cli.BoolFlag{Name: "public", Usage: "anyone may join it; otherwise it takes an invite or you"},
				dataDirFlag(),
			}, Action: func(c *cli.Context) error { return categoryAdd(c, p) }},
			{Name: "remove", Usage: "remove a category; its subscribers stay subscribed", ArgsUsage: "NAME",
				Flags: []cli.Flag{dataDirFlag()}, Action: func(c *cli.Context) error { return categoryRemove(c, p) }},
		},
	}
}

func categoryList(c *cli.Context, p Process) error {
	if _, err := argument(c, ""); err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		categories, err := store.Categories(ctx, false)
		if err != nil {
			return err
		}
		if c.Bool("json") {
			return categoriesJSON(p, categories)
		}
		t := newTable(p.Stdout, "NAME", "PUBLIC", "SUBSCRIBERS", "DESCRIPTION")
		for _, k := range categories {
			public := "no"
			if k.Public {
				public = "yes"
			}
			t.row(k.Name, public, fmt.Sprint(k.Subscribers), k.Description)
		}
		return t.flush()
	})
}

func categoriesJSON(p Process, categories []storage.Category) error {
	type item struct {
		ID          uuid.UUID `json:"id"`
		Name        string    `json:"name"`
		Description string    `json:"description"`
		Public      bool      `json:"public"`
		Subscribers int       `json:"subscribers"`
	}
	list := &jsonList{w: printable{p.Stdout}}
	for _, k := range categories {
		if err := list.add(item{k.ID, k.Name, k.Description, k.Public, k.Subscribers}); err != nil {
			return err
		}
	}
	return list.end()
}

func categoryAdd(c *cli.Context, p Process) error {
	name, err := argument(c, "the NAME of the category")
	if err != nil {
		return err
	}
	wanted := storage.Category{Name: strings.TrimSpace(name), Description: strings.TrimSpace(c.String("description")), Public: c.Bool("public")}
	switch {
	case wanted.Name == "":
		return usagef("the NAME of the category is empty")
	case visible(wanted.Name) != wanted.Name || !utf8.ValidString(wanted.Name) || utf8.RuneCountInString(wanted.Name) > maxCategoryName:
		return usagef("the NAME of the category must be one line of at most %d characters", maxCategoryName)
	case utf8.RuneCountInString(wanted.Description) > maxDescription || visible(wanted.Description) != wanted.Description && wanted.Description != "":
		return usagef("--description must be one line of at most %d characters", maxDescription)
	}
	return withStore(c, p, create, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		made, err := store.CreateCategory(ctx, wanted)
		switch {
		case errors.Is(err, storage.ErrExists):
			return fmt.Errorf("there is a category %q already", wanted.Name)
		case err != nil:
			return fmt.Errorf("cannot add the category: %w", err)
		}
		_, err = fmt.Fprintf(p.Stdout, "added category %s (%s)\n", made.Name, made.ID)
		return err
	})
}

func categoryRemove(c *cli.Context, p Process) error {
	name, err := argument(c, "the NAME of a category")
	if err != nil {
		return err
	}
	return withStore(c, p, refuse, func(ctx context.Context, _ config.Config, store *sqlite.Store) error {
		categories, err := store.Categories(ctx, false)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(categories, func(k storage.Category) bool { return k.Name == name })
		err = storage.ErrNotFound
		if at >= 0 {
			err = store.DeleteCategory(ctx, categories[at].ID)
		}
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return fmt.Errorf("there is no category %q: recado category list shows them", visible(name))
		case errors.Is(err, storage.ErrInUse):
			return fmt.Errorf("a scheduled notification goes to category %q alone: cancel it, or wait until it is sent", name)
		case err != nil:
			return fmt.Errorf("cannot remove the category: %w", err)
		}
		_, err = fmt.Fprintf(p.Stdout, "removed category %s\n", name)
		return err
	})
}
