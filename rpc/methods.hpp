// SPDX-License-Identifier: Apache-2.0
//
// THE LIST: every RPC method, one line each; its file in rpc/method/ has the same name.
#pragma once

#include "rpc/method.hpp"

#define BOURSE_METHODS(X)  \
  X(chain_get_head)        \
  X(chain_get_header)      \
  X(chain_get_block)       \
  X(chain_get_genesis)     \
  X(chain_get_params)      \
  X(chain_get_supply)      \
  X(chain_get_proof)       \
  X(tx_submit)             \
  X(tx_get)                \
  X(tx_simulate)           \
  X(tx_decode)             \
  X(account_get)           \
  X(account_get_history)   \
  X(provider_get)          \
  X(provider_list)         \
  X(market_list_offers)    \
  X(market_get_offer)      \
  X(market_list_bids)      \
  X(market_estimate_price) \
  X(job_prepare)           \
  X(job_get)               \
  X(job_list)              \
  X(job_get_task)          \
  X(job_get_events)        \
  X(node_get_status)       \
  X(dev_submit_job)        \
  X(dev_fund)

namespace bourse::rpc {

#define BOURSE_DECLARE(name) Method name();
BOURSE_METHODS(BOURSE_DECLARE)
#undef BOURSE_DECLARE

/// All methods in the order of the list. Those named dev_ exist on dev chains only.
std::vector<Method> all_methods(bool dev);

/// The OpenRPC document of `methods`. https://spec.open-rpc.org, version 1.3.
Json openrpc_document(const std::vector<Method>& methods);

/// Fills the dispatcher with the methods and rpc.discover. `backend` must outlive it.
void add_methods(Dispatcher& dispatcher, const Backend& backend);

}  // namespace bourse::rpc
