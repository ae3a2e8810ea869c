package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

type verifyModelOptions struct {
	api.VerifyOptions
	modelDir string
}

func (a *app) verifyModelCommand() *cobra.Command {
	var o verifyModelOptions
	cmd := &cobra.Command{
		Use:   "verify-model [MODEL]",
		Short: "Check that a model computes here what its reference computed",
		Long: `Compares a model with stored results of its reference implementation, on this machine, in
the precision and on the device that are asked for: the weights, the pixels that the network
is given, token ids, and the embeddings of pictures and texts. The exit status is 1 if
something differs by more than the tolerance, which the output shows.

The reference is the one that comes with akin, or a file. Anyone can make and sign such a
file: docs/reference/model-reference.md says how. --key names the signer to accept.`,
		Example: `  akin verify-model
  akin verify-model vgg16 --reference vgg16.reference --key ours.pub
  akin verify-model --precision fp16 --device cuda`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *verifyModelOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.Reference, "reference", "", "compare with the results in `FILE`")
	f.StringVar(&o.Key, "key", "", "`FILE` with the public key that must have signed the reference")
	f.StringVar(&o.modelDir, "model-dir", "", "use the checkpoint or ONNX model in `DIR` (or that file) as it is")
	f.BoolVar(&o.Brief, "brief", false, "compare one picture and one text, and not the weights")
}

func (o *verifyModelOptions) run(ctx context.Context, a *app, args []string) error {
	name, err := a.oneModel()
	if err != nil {
		return err
	}
	if len(args) == 1 {
		if name != "" && name != args[0] {
			return usagef("%s and --model %s are two models", args[0], name)
		}
		name = args[0]
	}
	if o.Key != "" && o.Reference == "" {
		return usagef("--key is for a file of --reference: the references that come with akin are not signed")
	}
	if o.modelDir != "" && o.Reference == "" {
		return usagef("--model-dir needs --reference")
	}
	options := a.options()
	options.ModelDir = o.modelDir
	v, err := akin.VerifyModel(ctx, name, o.VerifyOptions, options)
	if err != nil {
		return err
	}
	if err := a.Result(v, func() error { return a.VerifiedModel(v) }); err != nil || v.OK {
		return err
	}
	var differ []string
	for _, p := range v.Parts {
		if !p.OK {
			differ = append(differ, p.Part)
		}
	}
	return fmt.Errorf("%s does not compute what its reference did: %s", v.Model, strings.Join(differ, ", "))
}
