package model

var (
	eva02Rope  = rope{temperature: 10000, reference: 16}
	axialRope  = rope{temperature: 100, columnFirst: true}
	dinov3Rope = rope{temperature: 100, centered: true, halves: true}
)

// peRope is that of Perception Encoders whose grid has that side. Their class token takes the first place.
func peRope(side, first float64) *rope {
	return &rope{temperature: 10000, columnFirst: true, offset: first, reference: side, native: true}
}

// timmEvas are timm's class Eva: EVA (Fang et al. 2022, https://arxiv.org/abs/2211.07636), EVA-02 (Fang et al.
// 2023, https://arxiv.org/abs/2303.11331), RoPE-ViT (Heo et al. 2024, https://arxiv.org/abs/2403.13298),
// Perception Encoder (Bolya et al. 2025, https://arxiv.org/abs/2504.13181), DINOv3 (Siméoni et al. 2025,
// https://arxiv.org/abs/2508.10104), LingBot-Vision (Fu et al. 2026, https://arxiv.org/abs/2607.05247) and timm's
// own ones. Reference: timm/models/eva.py.
var timmEvas = []timmRow{
	{timmTransformer{headWidth: 88, pool: "avg"}, `eva_giant_patch14_224 eva_giant_patch14_336 eva_giant_patch14_560`},
	{timmTransformer{headWidth: 88}, `eva_giant_patch14_clip_224`},
	{timmTransformer{headWidth: 112, normLast: true}, `eva02_enormous_patch14_clip_224`},
	{timmTransformer{pool: "avg", rope: &eva02Rope}, `
		eva02_tiny_patch14_224 eva02_small_patch14_224 eva02_base_patch14_224 eva02_large_patch14_224
		eva02_tiny_patch14_336 eva02_small_patch14_336 eva02_base_patch14_448 eva02_large_patch14_448
		vit_medium_patch16_rope_reg1_gap_256 vit_mediumd_patch16_rope_reg1_gap_256
		vit_betwixt_patch16_rope_reg4_gap_256 vit_base_patch16_rope_reg1_gap_256`},
	{timmTransformer{rope: &eva02Rope}, `eva02_base_patch16_clip_224 eva02_large_patch14_clip_224 eva02_large_patch14_clip_336`},

	{timmTransformer{rope: &axialRope, noEmbedClass: true}, `
		vit_small_patch16_rope_224 vit_base_patch16_rope_224 vit_large_patch16_rope_224
		vit_small_patch16_rope_ape_224 vit_base_patch16_rope_ape_224 vit_large_patch16_rope_ape_224`},
	{timmTransformer{rope: &rope{mixed: true}, noEmbedClass: true}, `
		vit_small_patch16_rope_mixed_224 vit_base_patch16_rope_mixed_224 vit_large_patch16_rope_mixed_224
		vit_small_patch16_rope_mixed_ape_224 vit_base_patch16_rope_mixed_ape_224 vit_large_patch16_rope_mixed_ape_224`},

	{timmTransformer{epsilon: 1e-5, pool: "avg", rope: &dinov3Rope}, `
		vit_small_patch16_dinov3 vit_small_plus_patch16_dinov3 vit_base_patch16_dinov3 vit_large_patch16_dinov3 vit_huge_plus_patch16_dinov3
		vit_tiny_patch16_dinov3_qkvb vit_small_patch16_dinov3_qkvb vit_small_plus_patch16_dinov3_qkvb vit_base_patch16_dinov3_qkvb
		vit_large_patch16_dinov3_qkvb vit_huge_plus_patch16_dinov3_qkvb`},
	{timmTransformer{epsilon: 1e-5, pool: "avg", rope: &dinov3Rope, headWidth: 128}, `vit_7b_patch16_dinov3`},
	{timmTransformer{epsilon: 1e-5, rope: &dinov3Rope}, `
		vit_small_patch16_lingbot vit_base_patch16_lingbot vit_large_patch16_lingbot vit_giant_patch16_lingbot`},

	{peCore(14, 1, 0), `vit_pe_core_base_patch16_224`},
	{peCore(24, 1, 0), `vit_pe_core_tiny_patch16_384 vit_pe_core_small_patch16_384 vit_pe_core_large_patch14_336`},
	{peCore(32, 0, 96), `vit_pe_core_gigantic_patch14_448`},
	{timmTransformer{epsilon: 1e-5, pool: "avg", bare: true, rope: peRope(32, 1)}, `
		vit_pe_lang_large_patch14_448 vit_pe_spatial_large_patch14_448
		vit_pe_spatial_tiny_patch16_512 vit_pe_spatial_small_patch16_512 vit_pe_spatial_base_patch16_512`},
	{timmTransformer{epsilon: 1e-5, pool: "avg", bare: true, headWidth: 96, rope: peRope(32, 0)}, `
		vit_pe_lang_gigantic_patch14_448 vit_pe_spatial_gigantic_patch14_448`},
}

func peCore(side, first float64, headWidth int) timmTransformer {
	return timmTransformer{
		epsilon: 1e-5, headWidth: headWidth, pool: "map", poolHeads: 8, poolsAll: true, rope: peRope(side, first),
	}
}
