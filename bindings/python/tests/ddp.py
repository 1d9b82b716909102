"""One of two processes that train a network with torch's activations, then with ours; prints both losses."""

import sys

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import actfn.torch as ours


def train(module):
    torch.manual_seed(0)
    layers = [nn.Linear(8, 16), module.GELU(), nn.Linear(16, 16), module.PReLU(), nn.Linear(16, 8), module.LogSoftmax(dim=-1)]
    net = DistributedDataParallel(nn.Sequential(*layers))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.5)
    torch.manual_seed(dist.get_rank() + 1)
    x = torch.randn(64, 8)
    for _ in range(50):
        loss = nn.functional.nll_loss(net(x), x.argmax(1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return loss.item()


if __name__ == "__main__":
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{sys.argv[2]}", rank=int(sys.argv[1]), world_size=2)
    print(train(nn), train(ours))
    dist.destroy_process_group()
