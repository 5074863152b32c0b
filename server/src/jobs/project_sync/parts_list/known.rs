//! Which tables and columns of a parts list are known, so that what a new release of LOGIKAL brings is noticed.

use super::{Remarks, file::File};

/// Tables that are read, each with the columns that are known of it.
const READ: [(&str, &[&str]); 7] = [
    (
        "Elevations",
        &[
            "ElevationID",
            "ElevationGroupId",
            "LK_BaseInnerColorID",
            "LK_BaseOuterColorID",
            "LK_InsertionInnerColorID",
            "LK_InsertionOuterColorID",
            "Name",
            "xGUID",
            "LinkedGUID",
            "LinkComment",
            "Amount",
            "OrgAmount",
            "InsertionGuidlinesLikeProject",
            "OnlyEstemation",
            "Alternative",
            "Description",
            "TextPosText",
            "AutoDescription",
            "AutoDescriptionShort",
            "Model",
            "Width",
            "Width_Output",
            "Width_Unit",
            "Height",
            "Height_Output",
            "Height_Unit",
            "Weight",
            "Weight_Output",
            "Weight_Unit",
            "Perimeter",
            "Perimeter_Output",
            "Perimeter_Unit",
            "Area",
            "Area_Output",
            "Area_Unit",
            "SystemCode",
            "SystemCode_Supplier",
            "SystemCode_Number",
            "SystemCode_BaseNumber",
            "SystemName",
            "SystemLongName",
            "ColorBase_Long",
        ],
    ),
    (
        "Insertions",
        &[
            "InsertionID",
            "ElevationId",
            "InsertionNo",
            "GroupID",
            "AmountSashes",
            "DIN",
            "HandleHeight",
            "HandleHeight_Output",
            "HandleHeight_Unit",
            "Width",
            "Width_Output",
            "Width_Unit",
            "Height",
            "Height_Output",
            "Height_Unit",
        ],
    ),
    (
        "Glass",
        &[
            "GlassID",
            "LK_SupplierId",
            "LK_DiscountId",
            "InsertionId",
            "Name",
            "NameShort",
            "Description",
            "Configuration",
            "Info1",
            "Info2",
            "AdditionalInformation",
            "Price",
            "PriceGross",
            "Surcharge",
            "ArtNo",
            "InsertionNo",
            "Origin",
            "AreaOffer",
            "Width",
            "Width_Output",
            "Width_Unit",
            "Height",
            "Height_Output",
            "Height_Unit",
            "Perimeter",
            "Perimeter_Output",
            "Perimeter_Unit",
            "Amount",
            "xGUID",
            "xSashGUID",
            "HashCode",
            "FieldNo",
            "SpacerGap_Output",
            "ModelType",
            "Weight",
            "Weight_Output",
            "Weight_Unit",
        ],
    ),
    (
        "Profiles",
        &[
            "ProfileID",
            "ArticleCode",
            "ArticleCode_BaseNumber",
            "ArticleCode_Number",
            "ArticleCode_OrderCode",
            "ArticleCode_Supplier",
            "Amount",
            "Length",
            "Length_Output",
            "Length_Unit",
            "CutLeft",
            "CutRight",
            "OuterColorInfoInternal",
            "InnerColorInfoInternal",
            "IsDualColor",
            "IsManual",
            "IsFixedLength",
            "ResidualLength",
            "PUSize",
            "Price",
            "PriceGross",
            "LK_ColorId",
            "LK_ManufacturerId",
            "LK_DiscountId",
            "Weight_Output",
            "InsertionId",
            "Name",
            "Description",
        ],
    ),
    (
        "Articles",
        &[
            "ArticleID",
            "ArticleCode",
            "ArticleCode_BaseNumber",
            "ArticleCode_Number",
            "ArticleCode_OrderCode",
            "ArticleCode_Supplier",
            "Amount",
            "Units",
            "Units_Unit",
            "PUSize",
            "Price",
            "PriceGross",
            "Discount",
            "Color",
            "ColorInfoInternal",
            "Description",
            "IsManual",
            "IsLength",
            "IsArea",
            "IsPiece",
            "IsPair",
            "IsWeight",
            "Length",
            "Length_Output",
            "Length_Unit",
            "CustomerStockItem",
            "DeliveryStatus",
            "DoNotEstimate",
            "HashCode",
            "InsertionId",
        ],
    ),
    (
        "LabourTimes",
        &[
            "LabourTimeId",
            "ElevationId",
            "TotalMinutes",
            "WhatName",
            "Name",
            "TimeType",
        ],
    ),
    (
        "ReportOfferTexts",
        &[
            "ReportOfferTextId",
            "ElevationId",
            "TotalPrice",
            "Description",
        ],
    ),
];

/// Tables that are known and not needed.
const KNOWN: [&str; 29] = [
    "SingleElevations",
    "ElevationGroups",
    "Phases",
    "Projects",
    "GeorgianBars",
    "AllArticles",
    "AllProfiles",
    "ProfileBars",
    "SubProfiles",
    "ElevationSurface",
    "MbioeElevations",
    "Suppliers",
    "Manufacturers",
    "Address",
    "Colors",
    "UValue",
    "REPORTVARIABLES",
    "LabourCosts",
    "CalcDetailItems",
    "CalcItemNames",
    "ElevationCE",
    "MountingLines",
    "Sashes",
    "ProfileColors",
    "Discounts",
    "GlassSuppliers",
    "AreaOffers",
    "Insertions",
    "sqlite_sequence",
];

/// Says what nobody knows.
pub(super) fn report(file: &File, remarks: &mut Remarks) {
    let mut strangers = Vec::new();
    for (table, columns) in &file.tables {
        let read = READ
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(table));
        if let Some((_, known)) = read {
            let unknown: Vec<&str> = columns
                .iter()
                .filter(|column| !known.iter().any(|known| known.eq_ignore_ascii_case(column)))
                .map(String::as_str)
                .collect();
            if !unknown.is_empty() {
                let list = listed(&unknown);
                remarks.add(
                    "columns_unknown",
                    format!("the table {table} has unknown columns: {list}"),
                );
            }
        } else if !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(table)) {
            strangers.push(table.as_str());
        }
    }
    if !strangers.is_empty() {
        remarks.add(
            "tables_unknown",
            format!("the file has unknown tables: {}", listed(&strangers)),
        );
    }
    if !file.ignored.is_empty() {
        let names: Vec<&str> = file.ignored.iter().map(String::as_str).collect();
        remarks.add(
            "not_followed",
            format!(
                "the file has views, triggers or virtual tables, which are not followed: {}",
                listed(&names)
            ),
        );
    }
    for (table, _) in READ {
        if file.spelling(table).is_none() {
            remarks.add("table_missing", format!("the file has no table {table}"));
        }
    }
}

fn listed(names: &[&str]) -> String {
    let mut list: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| name.chars().take(60).collect())
        .collect();
    if names.len() > list.len() {
        list.push(format!("and {} more", names.len() - list.len()));
    }
    list.join(", ")
}
