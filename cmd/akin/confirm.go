package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// asksPerson reports whether a person at a terminal answers.
func (a *app) asksPerson() bool {
	in, isFile := a.in.(*os.File)
	return isFile && term.IsTerminal(int(in.Fd()))
}

// confirm asks a person at a terminal; it is false where there is none.
func (a *app) confirm(question string) bool {
	if !a.asksPerson() || !a.Console.TTY {
		return false
	}
	fmt.Fprintf(a.Errors, "%s [y/N] ", question)
	line, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil {
		return false
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes"
}
