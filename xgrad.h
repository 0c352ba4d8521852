#pragma once
// Everything a program needs: tensors, gradients, layers, optimizers, training, data, files.
#include "autograd/gradcheck.h"
#include "autograd/map.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/elementwise.h"
#include "autograd/ops/layout.h"
#include "autograd/ops/linear_algebra.h"
#include "autograd/ops/reduction.h"
#include "optim/adam.h"
#include "optim/rmsprop.h"
#include "optim/schedules.h"
#include "optim/sgd.h"
#include "tensor/create.h"
