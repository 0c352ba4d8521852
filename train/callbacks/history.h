#pragma once
#include "../callback.h"

namespace xg {

/// Every epoch's numbers.
class History : public Callback {
public:
    void on_epoch_end(Fit& fit) override;
    void save(State& state) const override;
    void load(const State& state) override;
    /// One value an epoch: history["val_loss"]; throws and lists the names if there is no such one.
    const std::vector<double>& operator[](const std::string& name) const;
    std::size_t epochs() const { return epochs_; }
    auto begin() const { return curves_.begin(); }
    auto end() const { return curves_.end(); }
    /// The curves as a picture: the loss, and what else was measured, for training and validation. Throws FileError.
    void save_svg(const std::string& path) const;
    std::string svg() const;

private:
    std::vector<std::pair<std::string, std::vector<double>>> curves_;
    std::size_t epochs_ = 0;
};

}  // namespace xg
