#pragma once
// Every layer.
#include "layers/activation.h"
#include "layers/attention.h"
#include "layers/batch_normalization.h"
#include "layers/dense.h"
#include "layers/dropout.h"
#include "layers/einsum_dense.h"
#include "layers/input.h"
#include "layers/multi_head_attention.h"
#include "layers/normalization.h"
#include "layers/shape.h"
#include "layers/spectral_normalization.h"
#include "sequential.h"
