package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Show what is installed, what is missing, and what to do",
		Long: `Shows which libraries, decoders and models are installed, and what to do about those that
are missing, and compares one picture with the reference of each installed model that has
one (see "akin verify-model"). Use it when a model does not run or a format is not read.
The exit status is 1 if something that models need is missing or wrong.`,
		Example: "  akin doctor",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.doctor() },
	}
}

func (a *app) doctor() error {
	checks := akin.Doctor(a.options())
	for i, c := range checks {
		if c.Err != nil {
			checks[i].Found = withRemedy(c.Err)
		}
	}
	if err := a.Result(checks, func() error { return a.Checks(checks) }); err != nil {
		return err
	}
	for _, c := range checks {
		if !c.OK && c.Needed {
			return errors.New("models cannot be used until everything marked !! is put right")
		}
	}
	return nil
}
