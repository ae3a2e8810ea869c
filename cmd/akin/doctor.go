package main

import (
	"errors"
	"fmt"

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

func (a *app) modelsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "models",
		Short:   "List the models: dimension, size, licence, and whether they are here",
		Example: "  akin models",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			models := akin.Models(a.options())
			if a.json {
				return a.writeJSON(models)
			}
			t := term.Table{Columns: []term.Column{
				{Header: "model"}, {Header: "dim", Right: true}, {Header: "input"}, {Header: "size", Right: true},
				{Header: "licence"}, {Header: "here"}, {Header: "good at"},
			}}
			for _, m := range models {
				here := "no"
				if m.Present {
					here = "yes"
				}
				t.Add(m.Name, fmt.Sprint(m.Dim), fmt.Sprintf("%dx%d", m.Input[0], m.Input[1]), bytesText(m.Bytes), m.Licence, here, m.About)
			}
			return t.Write(a.screen)
		},
	}
}
