//! A department's own regions from GeoJSON or CSV: a code, names, a boundary, people.

use base::{Territory, TerritoryError};
use serde_json::Value;

/// One region as the file states it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    pub path: Territory,
    pub zh: String,
    pub en: String,
    pub population: Option<i64>,
    pub centre: Option<(f64, f64)>,
    /// GeoJSON geometry.
    pub shape: Option<String>,
}

/// What could not be used, with the place in the file and what to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unusable {
    pub row: usize,
    pub message: String,
}

/// Reads either format; the first character tells which.
pub fn read(bytes: &[u8]) -> Result<(Vec<Stated>, Vec<Unusable>), String> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| "the file is not UTF-8; save it as UTF-8".to_owned())?;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        read_geojson(text)
    } else {
        read_csv(text)
    }
}

fn read_geojson(text: &str) -> Result<(Vec<Stated>, Vec<Unusable>), String> {
    let root: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|fault| format!("this is not valid JSON ({fault}); export the layer again"))?;
    let features = root
        .get("features")
        .and_then(Value::as_array)
        .ok_or("there are no features; export a GeoJSON FeatureCollection")?;
    let mut stated = Vec::new();
    let mut unusable = Vec::new();
    for (at, feature) in features.iter().enumerate() {
        let property = |names: &[&str]| {
            names.iter().find_map(|name| match feature.get("properties")?.get(*name)? {
                Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
        };
        let geometry = feature.get("geometry").filter(|geometry| geometry.is_object());
        match one(&property, geometry) {
            Ok(region) => stated.push(region),
            Err(message) => unusable.push(Unusable { row: at + 1, message }),
        }
    }
    Ok((stated, unusable))
}

fn read_csv(text: &str) -> Result<(Vec<Stated>, Vec<Unusable>), String> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|fault| format!("the header cannot be read ({fault})"))?.clone();
    let mut stated = Vec::new();
    let mut unusable = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let row = at + 2;
        let region = record.map_err(|fault| fault.to_string()).and_then(|record| {
            let property = |names: &[&str]| {
                names.iter().find_map(|name| {
                    let column = header.iter().position(|known| known.trim().eq_ignore_ascii_case(name))?;
                    record.get(column).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
                })
            };
            one(&property, None)
        });
        match region {
            Ok(region) => stated.push(region),
            Err(message) => unusable.push(Unusable { row, message }),
        }
    }
    Ok((stated, unusable))
}

fn one(property: &dyn Fn(&[&str]) -> Option<String>, geometry: Option<&Value>) -> Result<Stated, String> {
    let path = match property(&["path", "territory"]) {
        Some(path) => path.parse().map_err(|fault: TerritoryError| fault.to_string())?,
        None => path_of_code(&property(&["code", "adcode", "id", "区划代码"]).ok_or(
            "no code; add a property `code` (national division code) or `path` (such as 14/1407/140726)",
        )?)?,
    };
    let zh = property(&["zh", "name_zh", "name", "NAME", "名称"]);
    let en = property(&["en", "name_en", "pinyin"]);
    let zh = zh.or_else(|| en.clone()).ok_or("no name; add a property `name`")?;
    let number = |names: &[&str]| property(names).and_then(|text| text.replace(',', "").parse::<f64>().ok());
    let stated_centre = number(&["lon", "longitude", "lng"]).zip(number(&["lat", "latitude"]));
    Ok(Stated {
        path,
        en: en.unwrap_or_else(|| zh.clone()),
        zh,
        population: number(&["population", "pop", "pop2020", "人口"]).map(|people| people as i64),
        centre: stated_centre.or_else(|| geometry.and_then(centre_of)),
        shape: geometry.map(Value::to_string),
    })
}

/// National codes: two digits a province, four a prefecture, six a county, nine or twelve a township.
fn path_of_code(code: &str) -> Result<Territory, String> {
    let code = code.trim();
    // Letters of other alphabets are longer than one byte: cut by bytes, they would be cut in the middle.
    if !code.is_ascii() {
        return Err(format!("`{code}` is no division code, which is digits only; correct it or add `path`"));
    }
    let code = if code.len() == 12 && code.ends_with("000") { &code[..9] } else { code };
    let code = match code.len() {
        6 if code.ends_with("0000") => &code[..2],
        6 if code.ends_with("00") => &code[..4],
        _ => code,
    };
    let cuts: &[usize] = match code.len() {
        2 => &[2],
        4 => &[2, 4],
        6 => &[2, 4, 6],
        9 | 12 => &[2, 4, 6, code.len()],
        _ => {
            return Err(format!(
                "`{code}` is no division code (2, 4, 6, 9 or 12 digits); add `path` instead"
            ));
        }
    };
    let path = cuts.iter().map(|cut| &code[..*cut]).collect::<Vec<_>>().join("/");
    path.parse().map_err(|fault: TerritoryError| fault.to_string())
}

/// Mean of the corners of all rings: good enough to put a label, not to measure.
fn centre_of(geometry: &Value) -> Option<(f64, f64)> {
    let mut corners = Vec::new();
    collect(geometry.get("coordinates")?, &mut corners);
    let n = corners.len() as f64;
    (n > 0.0).then(|| {
        let sum = corners.iter().fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0, sum.1 + corner.1));
        (sum.0 / n, sum.1 / n)
    })
}

fn collect(value: &Value, corners: &mut Vec<(f64, f64)>) {
    let Some(items) = value.as_array() else { return };
    if let [Value::Number(lon), Value::Number(lat), ..] = items.as_slice() {
        corners.extend(lon.as_f64().zip(lat.as_f64()));
    } else {
        items.iter().for_each(|item| collect(item, corners));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_county_of_a_geojson_layer_finds_its_path_from_its_code() {
        let layer = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"code":"140703","name":"太谷区"},
             "geometry":{"type":"Polygon","coordinates":[[[112,37],[113,37],[113,38],[112,38]]]}},
            {"type":"Feature","properties":{"name":"no code"},"geometry":null}]}"#;
        let (stated, unusable) = read(layer.as_bytes()).unwrap();
        assert_eq!(stated[0].path.path(), "14/1407/140703");
        assert_eq!(stated[0].centre, Some((112.5, 37.5)));
        assert_eq!(unusable[0].row, 2);
    }

    #[test]
    fn a_table_of_regions_needs_a_code_and_a_name() {
        let (stated, unusable) = read(b"code,name,population\n150102,Invented,\"1,200\"\n15,\n").unwrap();
        assert_eq!(stated[0].path.path(), "15/1501/150102");
        assert_eq!(stated[0].population, Some(1200));
        assert_eq!(unusable.len(), 1);
    }

    #[test]
    fn a_code_with_a_chinese_letter_is_told_and_the_rest_is_kept() {
        let (stated, unusable) = read("code,name\ng区,Invented\n150102,Invented\n".as_bytes()).unwrap();
        assert_eq!((stated.len(), unusable.len()), (1, 1));
        assert!(unusable[0].message.contains("g区"), "{}", unusable[0].message);
    }
}
