// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IPartnerExchange} from "../../interfaces/IPartnerExchange.sol";
import {ExpiryPolicy} from "./ExpiryPolicy.sol";

/// @notice What one resident got from one partner. The day is counted from 1 January 2000, the year is named by its March.
struct Used {
    uint24 day;
    uint40 dayPoints;
    uint16 year;
    uint40 yearPoints;
}

/// @notice What one municipality has with one partner; municipality 0 only keeps coupons for any.
struct Agreement {
    IPartnerExchange.Ledger ledger;
    IPartnerExchange.Campaign campaign;
    /// In the order in which they begin.
    IPartnerExchange.Terms[] terms;
    /// Also those of before: their coupons are honoured.
    mapping(address key => bool) acceptedKeys;
    /// By resident number: whatever account the resident has.
    mapping(uint256 number => Used) used;
}

/// @title How a municipality's officers change what they have agreed with a partner
/// @notice Linked: these verbs are rare, and PartnerExchange is short of code.
library ExchangeAgreement {
    /// @notice Adds terms; those that were to begin with them or later fall away. The key counts at once.
    function accept(
        Agreement storage agreement,
        uint256 municipality,
        uint256 partner,
        address key,
        IPartnerExchange.Terms calldata terms
    ) external {
        IPartnerExchange.Terms memory entry = terms;
        entry.from = uint40(Math.max(terms.from, block.timestamp));
        if (
            entry.until <= entry.from || entry.numerator == 0 || entry.denominator == 0
                || entry.unitPartnerPoints == 0 || entry.minimumPartnerPoints > entry.maximumPartnerPoints
                || entry.dailyLimitPoints > entry.yearlyLimitPoints
                || entry.expiryMonths > ExpiryPolicy.MAX_TERM_MONTHS
        ) revert IPartnerExchange.ExchangeInvalidTerms(municipality, partner);
        _dropFrom(agreement.terms, entry.from);
        agreement.terms.push(entry);
        agreement.acceptedKeys[key] = true;
        emit IPartnerExchange.PartnerAccepted(municipality, partner, key, entry);
    }

    /// @notice Ends the terms in force and all to come.
    function stop(Agreement storage agreement, uint256 municipality, uint256 partner) external {
        IPartnerExchange.Terms[] storage terms = agreement.terms;
        _dropFrom(terms, block.timestamp);
        uint256 count = terms.length;
        if (count != 0 && terms[count - 1].until > block.timestamp) {
            terms[count - 1].until = uint40(block.timestamp);
        }
        emit IPartnerExchange.PartnerStopped(municipality, partner);
    }

    /// @notice Opens a campaign in place of any before.
    function openCampaign(
        Agreement storage agreement,
        uint256 municipality,
        uint256 partner,
        IPartnerExchange.Campaign calldata campaign
    ) external {
        bool isOver = campaign.until <= campaign.from || campaign.until <= block.timestamp;
        if (isOver || campaign.numerator == 0 || campaign.denominator == 0 || campaign.budgetPoints == 0) {
            revert IPartnerExchange.ExchangeInvalidCampaign(municipality, partner);
        }
        IPartnerExchange.Campaign memory opened = campaign;
        opened.usedPoints = 0;
        opened.number = agreement.campaign.number + 1;
        agreement.campaign = opened;
        emit IPartnerExchange.CampaignOpened(municipality, partner, opened);
    }

    /// @notice Ends the campaign; the bonus of what was exchanged before stays.
    function endCampaign(Agreement storage agreement, uint256 municipality, uint256 partner) external {
        IPartnerExchange.Campaign storage campaign = agreement.campaign;
        if (campaign.until > block.timestamp) campaign.until = uint40(block.timestamp);
        emit IPartnerExchange.CampaignEnded(municipality, partner, campaign.number);
    }

    function _dropFrom(IPartnerExchange.Terms[] storage terms, uint256 from) private {
        while (terms.length != 0 && terms[terms.length - 1].from >= from) {
            terms.pop();
        }
    }
}
