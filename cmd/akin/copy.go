package main

import (
	"fmt"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) copyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy a collection, also into a cluster or out of it",
		Long: `Copies pictures, embeddings, tags and reviews of one collection into another. Each is a
name, a folder, or the address of a collection in a Weaviate cluster, as
weaviate://host:port/Name. What the other has besides stays. A copy that was stopped
goes on when it is run again. In the end everything is read back and compared, bit by
bit.`,
		Example: `  akin copy default weaviate://db1,db2,db3/Photos
  akin copy weaviate://db1,db2,db3/Photos ~/backup.akin`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var paths [2]string
			for i, arg := range args {
				var err error
				if paths[i], err = userHome().CollectionPath(arg); err != nil {
					return err
				}
			}
			progress := term.NewProgress(a.console, a.quiet)
			r, err := akin.Copy(cmd.Context(), paths[0], paths[1], api.CopyOptions{
				Progress: func(done, total int) { progress.Update(term.State{Done: done, Total: total}) },
				Home:     string(userHome()),
			})
			progress.Close()
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(r)
			}
			took := time.Duration(r.Seconds * float64(time.Second)).Round(10 * time.Millisecond)
			_, err = fmt.Fprintf(a.out, "%d of %d pictures copied, with %d embeddings; both have the checksum %s; %s\n",
				r.Copied, r.Pictures, r.Embeddings, r.Checksum, took)
			return err
		},
	}
}
