#pragma once
#include "optimizer.h"

namespace xg {

struct MuonOptions {
    LearningRate learning_rate = 1e-3;
    double adam_beta_1 = 0.9, adam_beta_2 = 0.999, adam_weight_decay = 0.004, epsilon = 1e-7;
    std::vector<std::string> exclude_layers = {};  // words in the paths of matrices that Adam shall move
    bool exclude_embeddings = true;
    double muon_a = 3.4445, muon_b = -4.775, muon_c = 2.0315;
    double adam_lr_ratio = 1, momentum = 0.95;
    int ns_steps = 5;
    bool nesterov = true;
    double rms_rate = 0.2;  // steps of a matrix are as long as Adam's; 0: not adjusted
    double weight_decay = 0.004, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Steps that are nearly orthogonal matrices: the momentum with all its singular values brought near 1 by Newton-Schulz
/// iterations (Jordan et al. 2024; rms_rate: Liu et al. 2025). What is no matrix is moved by AdamW; so are embeddings
/// and exclude_layers, which are known by name when a module is stepped.
class Muon : public Optimizer {
public:
    explicit Muon(MuonOptions options = {});
    void describe(Config& config) const override;
    static Muon from_config(const Config& config);

protected:
    void update(const Move& move) override;
    Shape slot_shape(std::size_t slot, std::size_t parameter) const override;
    double weight_decay(std::size_t parameter) const override;

private:
    bool by_adam(std::size_t parameter) const;
    Tensor orthogonal(Tensor x) const;
    MuonOptions options_;
};

}  // namespace xg
