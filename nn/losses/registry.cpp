// Every loss by its name: a family a line.
#include "shared.h"

namespace xg {

template <> const Table<Loss>& table<Loss>() {
    static const Table<Loss> entries = [] {
        Table<Loss> losses;
        for (auto family : {regression_losses, distribution_losses, crossentropy_losses, focal_losses, hinge_losses,
                            overlap_losses, similarity_losses, ctc_losses})
            for (auto& e : family()) losses.push_back(std::move(e));
        return losses;
    }();
    return entries;
}
template <> Box<Loss> make<Loss>(const char* name, const Config* config) {
    if (!config || !config->null("reduction")) return from_table<Loss>("loss", name, config);
    Config given = *config;  // null is a setting here, not the default
    given.set("reduction", "none");
    return from_table<Loss>("loss", name, &given);
}

}  // namespace xg
