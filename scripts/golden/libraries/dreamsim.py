"""DreamSim's archives, unpacked: a folder NAME_single_lora beside what it was trained on. DINO's own weights
lie in checkpoints/, where torch.hub puts them."""
import torch
import torchvision.transforms.functional as F
from dreamsim import dreamsim
from dreamsim.feature_extraction import extractor, load_clip_as_dino, load_open_clip_as_dino, vision_transformer

from . import Model, read_weights, vector

ENDING = "_single_lora"


def knows(folder):
    return len(list(folder.glob("*" + ENDING))) == 1


def sized(state, patch):
    """A network of the sizes that its tensors have; the published ones are vit_base."""
    dim = state["cls_token"].shape[-1]
    return vision_transformer.VisionTransformer(
        img_size=[patch * round((state["pos_embed"].shape[1] - 1) ** 0.5)], patch_size=patch, embed_dim=dim,
        depth=len({k.split(".")[1] for k in state if k.startswith("blocks.")}), num_heads=dim // 64,
        mlp_ratio=state["blocks.0.mlp.fc1.weight"].shape[0] / dim, qkv_bias=True, num_classes=0,
        norm_layer=lambda d: torch.nn.LayerNorm(d, eps=1e-6),
    )


def open_model(folder):
    name = next(folder.glob("*" + ENDING)).name.removesuffix(ENDING)

    def from_hub(repository, model):  # DINO's hubconf, without the network
        state = torch.load(next((folder / "checkpoints").glob("dino_*.pth")), map_location="cpu", weights_only=True)
        network = sized(state, state["patch_embed.proj.weight"].shape[-1])
        network.load_state_dict(state)
        return network

    torch.hub.load = from_hub
    pretrained = folder / f"{name}_pretrain.pth.tar"
    if pretrained.exists():
        state = torch.load(pretrained, map_location="cpu", weights_only=True)["state_dict"]
        for module in (load_clip_as_dino, load_open_clip_as_dino):
            module.vit_base = lambda patch_size: sized(state, patch_size)
    model, prepare = dreamsim(pretrained=True, device="cpu", cache_dir=str(folder), dreamsim_type=name)
    part = model.base_model.model if hasattr(model.base_model, "model") else model
    mean, std = part._get_mean(name), part._get_std(name)
    return Model(
        prepare=lambda p: prepare(p), embed=lambda x: vector(model.embed(x)), weights=read_weights(folder),
        pixels=lambda x: F.normalize(x, mean, std)[0],  # its networks normalise by themselves
        made_by=["dreamsim", "peft", "torch", "torchvision", "pillow"],
    )
