package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "doctor",
		Short:   "Tell what is installed, what is missing, and the remedy",
		Example: "  akin doctor",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks := akin.Doctor(a.options())
			broken := 0
			for _, c := range checks {
				if !c.OK && c.Needed {
					broken++
				}
			}
			if a.json {
				if err := a.writeJSON(checks); err != nil {
					return err
				}
			} else {
				t := term.Table{Columns: []term.Column{{Header: ""}, {Header: "what"}, {Header: "found"}}}
				for _, c := range checks {
					mark := "ok"
					if !c.OK {
						if mark = "--"; c.Needed {
							mark = "!!"
						}
					}
					t.Add(mark, c.What, c.Found)
				}
				if err := t.Write(a.screen); err != nil {
					return err
				}
			}
			if broken > 0 {
				return errors.New("models cannot run until what is marked !! is there")
			}
			return nil
		},
	}
}
