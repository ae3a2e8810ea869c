package model

// timmViTs are timm's classes VisionTransformer and VisionTransformerDistilled: ViT (Dosovitskiy et al. 2020,
// https://arxiv.org/abs/2010.11929), DeiT (Touvron et al. 2020, https://arxiv.org/abs/2012.12877), DeiT III
// (Touvron et al. 2022, https://arxiv.org/abs/2204.07118), the vision towers of CLIP and SigLIP, DINOv2, AIMv2
// (Fini et al. 2024, https://arxiv.org/abs/2411.14402) and timm's own ones. Those with blocks of other kinds
// (attention beside the MLP, differential attention) are left out. References: timm/models/vision_transformer.py
// and deit.py.
var timmViTs = []timmRow{
	{timmTransformer{}, `
		deit_base_distilled_patch16_224 deit_base_distilled_patch16_384 deit_base_patch16_224 deit_base_patch16_384
		deit_small_distilled_patch16_224 deit_small_patch16_224 deit_tiny_distilled_patch16_224 deit_tiny_patch16_224
		vit_base_patch14_dinov2 vit_base_patch16_224 vit_base_patch16_224_miil vit_base_patch16_384 vit_base_patch16_plus_240
		vit_base_patch32_224 vit_base_patch32_384 vit_base_patch32_plus_256 vit_base_patch8_224 vit_giant_patch14_dinov2
		vit_large_patch14_224 vit_large_patch14_dinov2 vit_large_patch16_224 vit_large_patch16_384 vit_large_patch32_224
		vit_large_patch32_384 vit_small_patch14_dinov2 vit_small_patch16_224 vit_small_patch16_36x1_224 vit_small_patch16_384
		vit_small_patch32_224 vit_small_patch32_384 vit_small_patch8_224 vit_tiny_patch16_224 vit_tiny_patch16_384`},
	{timmTransformer{bare: true}, `vit_intern300m_patch14_448`},
	{timmTransformer{normLast: true, pool: "avg"}, `vit_base_patch16_rpn_224`},
	{timmTransformer{epsilon: 1e-5}, `
		vit_base_patch16_clip_224 vit_base_patch16_clip_384 vit_base_patch16_plus_clip_240 vit_base_patch32_clip_224
		vit_base_patch32_clip_256 vit_base_patch32_clip_384 vit_base_patch32_clip_448 vit_betwixt_patch32_clip_224
		vit_large_patch14_clip_224 vit_large_patch14_clip_336 vit_medium_patch16_clip_224 vit_medium_patch32_clip_224
		vit_xsmall_patch16_clip_224`},
	{timmTransformer{headWidth: 104}, `vit_gigantic_patch14_224`},
	{timmTransformer{headWidth: 32}, `test_vit`},
	{timmTransformer{headWidth: 80}, `vit_huge_patch14_224`},
	{timmTransformer{headWidth: 88}, `vit_giant_patch14_224`},
	{timmTransformer{noEmbedClass: true}, `
		deit3_base_patch16_224 deit3_base_patch16_384 deit3_large_patch16_224 deit3_large_patch16_384 deit3_medium_patch16_224
		deit3_small_patch16_224 deit3_small_patch16_384 vit_base_patch14_reg1_tipsv2
		vit_base_patch14_reg4_dinov2 vit_giant_patch14_reg1_tipsv2 vit_giant_patch14_reg4_dinov2 vit_large_patch14_reg1_tipsv2
		vit_large_patch14_reg4_dinov2 vit_small_patch14_reg4_dinov2`},
	{timmTransformer{pool: "avg"}, `
		eva_large_patch14_196 eva_large_patch14_336 vit_base_patch16_siglip_gap_224 vit_base_patch16_siglip_gap_256
		vit_base_patch16_siglip_gap_384 vit_base_patch16_siglip_gap_512 vit_betwixt_patch16_gap_256 vit_large_patch16_siglip_gap_256
		vit_large_patch16_siglip_gap_384 vit_medium_patch16_gap_240 vit_medium_patch16_gap_256 vit_medium_patch16_gap_384
		vit_so150m2_patch16_reg1_gap_256 vit_so150m2_patch16_reg1_gap_384 vit_so150m2_patch16_reg1_gap_448 vit_so150m_patch16_reg4_gap_256
		vit_so150m_patch16_reg4_gap_384`},
	{timmTransformer{pool: "map"}, `
		vit_base_patch16_siglip_224 vit_base_patch16_siglip_256 vit_base_patch16_siglip_384 vit_base_patch16_siglip_512
		vit_large_patch16_siglip_256 vit_large_patch16_siglip_384 vit_so150m_patch16_reg4_map_256`},
	{timmTransformer{activation: "gelu_pytorch_tanh", pool: "avg"}, `
		vit_base_patch32_siglip_gap_256 vit_large_patch16_siglip_gap_512`},
	{timmTransformer{activation: "gelu_pytorch_tanh", pool: "map"}, `vit_base_patch32_siglip_256 vit_large_patch16_siglip_512`},
	{timmTransformer{epsilon: 1e-5, activation: "quick_gelu"}, `
		vit_base_patch16_clip_quickgelu_224 vit_base_patch32_clip_quickgelu_224 vit_large_patch14_clip_quickgelu_224
		vit_large_patch14_clip_quickgelu_336`},
	{timmTransformer{epsilon: 1e-5, pool: "avg"}, `beit3_base_patch16_224 beit3_large_patch16_224`},
	{timmTransformer{headWidth: 104, epsilon: 1e-5}, `vit_gigantic_patch14_clip_224 vit_gigantic_patch14_clip_378`},
	{timmTransformer{headWidth: 32, pool: "avg"}, `test_vit2`},
	{timmTransformer{headWidth: 48, pool: "avg"}, `vit_base_patch16_gap_224`},
	{timmTransformer{headWidth: 72, noEmbedClass: true}, `vit_so400m_patch14_reg1_tipsv2`},
	{timmTransformer{headWidth: 72, pool: "avg"}, `
		vit_so400m_patch14_siglip_gap_224 vit_so400m_patch14_siglip_gap_378 vit_so400m_patch14_siglip_gap_384
		vit_so400m_patch14_siglip_gap_448 vit_so400m_patch14_siglip_gap_896`},
	{timmTransformer{headWidth: 72, pool: "map"}, `
		vit_so400m_patch14_siglip_224 vit_so400m_patch14_siglip_378 vit_so400m_patch14_siglip_384`},
	{timmTransformer{headWidth: 80, epsilon: 1e-5}, `
		vit_huge_patch14_clip_224 vit_huge_patch14_clip_336 vit_huge_patch14_clip_378`},
	{timmTransformer{headWidth: 80, noEmbedClass: true}, `deit3_huge_patch14_224`},
	{timmTransformer{headWidth: 80, pool: "avg"}, `vit_huge_patch14_gap_224 vit_huge_patch16_gap_448`},
	{timmTransformer{headWidth: 88, epsilon: 1e-5}, `vit_giant_patch14_clip_224`},
	{timmTransformer{headWidth: 88, pool: "avg"}, `vit_giant_patch16_gap_224`},
	{timmTransformer{noEmbedClass: true, fixed: true}, `flexivit_small flexivit_base flexivit_large`},
	{timmTransformer{noEmbedClass: true, fixed: true, bare: true}, `
		vit_base_patch16_radio_v3 vit_giant_patch16_radio_v3 vit_large_patch16_radio_v3`},
	{timmTransformer{pool: "avg", noEmbedClass: true}, `
		vit_base_patch16_reg4_gap_256 vit_betwixt_patch16_reg1_gap_256 vit_betwixt_patch16_reg4_gap_256 vit_betwixt_patch16_reg4_gap_384
		vit_little_patch16_reg1_gap_256 vit_little_patch16_reg4_gap_256 vit_medium_patch16_reg1_gap_256 vit_medium_patch16_reg4_gap_256
		vit_mediumd_patch16_reg4_gap_256 vit_mediumd_patch16_reg4_gap_384 vit_wee_patch16_reg1_gap_256`},
	{timmTransformer{headWidth: 104, epsilon: 1e-5, activation: "quick_gelu"}, `vit_gigantic_patch14_clip_quickgelu_224`},
	{timmTransformer{headWidth: 32, pool: "map", poolsAll: true}, `test_vit3`},
	{timmTransformer{headWidth: 32, rms: true, pool: "avg"}, `test_vit4`},
	{timmTransformer{headWidth: 72, activation: "gelu_pytorch_tanh", pool: "avg"}, `
		vit_so400m_patch16_siglip_gap_256 vit_so400m_patch16_siglip_gap_384 vit_so400m_patch16_siglip_gap_512`},
	{timmTransformer{headWidth: 72, activation: "gelu_pytorch_tanh", pool: "map"}, `
		vit_so400m_patch16_siglip_256 vit_so400m_patch16_siglip_384 vit_so400m_patch16_siglip_512`},
	{timmTransformer{headWidth: 72, noEmbedClass: true, fixed: true, bare: true}, `vit_so400m_patch16_radio_v4`},
	{timmTransformer{headWidth: 80, epsilon: 1e-5, activation: "quick_gelu"}, `
		vit_huge_patch14_clip_quickgelu_224 vit_huge_patch14_clip_quickgelu_378`},
	{timmTransformer{headWidth: 80, noEmbedClass: true, fixed: true, bare: true}, `vit_huge_patch16_radio_v3 vit_huge_patch16_radio_v4`},
	{timmTransformer{headWidth: 88, epsilon: 1e-5, pool: "avg"}, `beit3_giant_patch14_224 beit3_giant_patch14_336`},
	{timmTransformer{headWidth: 96, activation: "gelu_pytorch_tanh", pool: "avg"}, `
		vit_giantopt_patch16_siglip_gap_256 vit_giantopt_patch16_siglip_gap_384`},
	{timmTransformer{headWidth: 96, activation: "gelu_pytorch_tanh", pool: "map"}, `
		vit_giantopt_patch16_siglip_256 vit_giantopt_patch16_siglip_384`},
	{timmTransformer{headWidth: 128, epsilon: 1e-5, rms: true, pool: "avg"}, `
		aimv2_1b_patch14_224 aimv2_1b_patch14_336 aimv2_1b_patch14_448 aimv2_3b_patch14_224 aimv2_3b_patch14_336 aimv2_3b_patch14_448
		aimv2_huge_patch14_224 aimv2_huge_patch14_336 aimv2_huge_patch14_448 aimv2_large_patch14_224 aimv2_large_patch14_336
		aimv2_large_patch14_448`},
}
