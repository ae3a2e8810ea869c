package model

// openCLIPModels are OpenCLIP's checkpoints that are known by name.
var openCLIPModels = []Spec{
	{
		Name: "openclip-b32-laion2b", Repository: "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", Dim: 512, InputWidth: 224, InputHeight: 224,
		Params: 87_849_216, Bytes: 351_396_864,
		Speed: "fast", Licence: "MIT", About: "meaning as two billion captions have it; small things are lost",
	},
	{
		Name: "openclip-b32-datacomp", Repository: "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K", Dim: 512, InputWidth: 256, InputHeight: 256,
		Params: 87_860_736, Bytes: 351_442_944,
		Speed: "fast", Licence: "MIT", About: "meaning, better than openclip-b32-laion2b; small things are lost",
	},
	{
		Name: "openclip-b16-datacomp", Repository: "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K", Dim: 512, InputWidth: 224, InputHeight: 224,
		Params: 86_192_640, Bytes: 344_770_560,
		Speed: "medium", Licence: "MIT", About: "meaning, with smaller things than the b32 models see",
	},
	{
		Name: "openclip-h14-laion2b", Repository: "laion/CLIP-ViT-H-14-laion2B-s32B-b79K", Dim: 1024, InputWidth: 224, InputHeight: 224,
		Params: 632_076_800, Bytes: 2_528_307_200,
		Speed: "slowest", Licence: "MIT", About: "meaning in detail; not for edited copies",
	},
	{
		Name: "dfn-l14", Repository: "apple/DFN2B-CLIP-ViT-L-14", Dim: 768, InputWidth: 224, InputHeight: 224,
		Params: 303_966_208, Bytes: 1_215_864_832,
		Speed: "slow", Licence: "apple-ascl", About: "meaning, from captions that were chosen by a network",
	},
	{
		Name: "dfn-h14-378", Repository: "apple/DFN5B-CLIP-ViT-H-14-378", Dim: 1024, InputWidth: 378, InputHeight: 378,
		Params: 632_682_240, Bytes: 2_530_728_960,
		Speed: "slowest", Licence: "apple-ascl", About: "meaning in detail and in large pictures",
	},
	{
		Name: "metaclip-b32", Repository: "timm/vit_base_patch32_clip_224.metaclip_2pt5b", Dim: 512, InputWidth: 224, InputHeight: 224,
		Params: 87_849_216, Bytes: 351_396_864,
		Speed: "fast", Licence: "CC-BY-NC-4.0", About: "meaning as 2.5 billion captions have it; small things are lost",
	},
	{
		Name: "clipa-l14-336", Repository: "UCSC-VLAA/ViT-L-14-CLIPA-336-datacomp1B", Dim: 768, InputWidth: 336, InputHeight: 336,
		Params: 304_291_840, Bytes: 1_217_167_360,
		Speed: "slowest", Licence: "Apache-2.0", About: "meaning, with small things in large pictures",
	},
	{
		Name: "mobileclip2-s0", Repository: "timm/MobileCLIP2-S0-OpenCLIP", Dim: 512, InputWidth: 256, InputHeight: 256,
		Params: 11_457_664, Bytes: 45_830_656,
		Speed: "fast", Licence: "apple-amlr", About: "meaning at the cost of a small network",
	},
	{
		Name: "mobileclip2-s2", Repository: "timm/MobileCLIP2-S2-OpenCLIP", Dim: 512, InputWidth: 256, InputHeight: 256,
		Params: 35_939_712, Bytes: 143_758_848,
		Speed: "medium", Licence: "apple-amlr", About: "meaning, between mobileclip2-s0 and -s4",
	},
	{
		Name: "mobileclip2-s4", Repository: "timm/MobileCLIP2-S4-OpenCLIP", Dim: 768, InputWidth: 256, InputHeight: 256,
		Params: 322_013_696, Bytes: 1_288_054_784,
		Speed: "slow", Licence: "apple-amlr", About: "meaning in detail for its cost",
	},
	{
		Name: "pe-core-t16", Repository: "timm/PE-Core-T-16-384", Dim: 512, InputWidth: 384, InputHeight: 384,
		Params: 6_141_056, Bytes: 24_564_224,
		Speed: "medium", Licence: "Apache-2.0", About: "meaning, with few weights to fetch",
	},
	{
		Name: "pe-core-b16", Repository: "timm/PE-Core-B-16", Dim: 1024, InputWidth: 224, InputHeight: 224,
		Params: 93_673_984, Bytes: 374_695_936,
		Speed: "medium", Licence: "Apache-2.0", About: "meaning, of pictures and of frames of films",
	},
	{
		Name: "pe-core-l14-336", Repository: "timm/PE-Core-L-14-336", Dim: 1024, InputWidth: 336, InputHeight: 336,
		Params: 317_152_256, Bytes: 1_268_609_024,
		Speed: "slowest", Licence: "Apache-2.0", About: "meaning in detail, of pictures and of frames of films",
	},
	{
		Name: "eva02-clip-b16", Repository: "timm/eva02_base_patch16_clip_224.merged2b_s8b_b131k", Dim: 512, InputWidth: 224, InputHeight: 224,
		Params: 86_263_040, Bytes: 345_052_160,
		Speed: "medium", Licence: "MIT", About: "meaning, with smaller things than the b32 models see",
	},
}
