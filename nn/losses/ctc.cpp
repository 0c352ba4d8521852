#include "ctc.h"
#include "shared.h"

namespace xg {

Table<Loss> ctc_losses() { return {entry<CTC, Loss, LossOptions>("CTC")}; }

}  // namespace xg
