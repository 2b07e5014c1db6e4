/** The code lists that EN 16931 restricts its terms to. */
const codes = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

const range = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index).join(' ');

/** UNTDID 1001: the credit note that an invoice is taken back by. */
export const creditNote = '381';

/** UNTDID 1001: documents that take something back. */
export const creditNoteCodes = codes('81 83 261 262 296 308 381 396 420 458 502 503 532');

/** UNTDID 1001 as EN 16931 restricts it: invoices and credit notes (BR-CL-01). */
export const typeCodes = codes(
  `71 80 82 84 102 130 202 203 204 211 218 219 295 325 326 331 380 382 383 384 385 386 387 388 389 390 393 394 395 456
   457 471 472 473 500 501 527 553 575 623 633 751 780 817 870 875 876 877 935 ${[...creditNoteCodes].join(' ')}`,
);

/** ISO 3166-1 alpha-2, with XI for Northern Ireland and 1A for Kosovo as the norm's code lists have them (BR-CL-14). */
export const countries = codes(
  `1A AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
   CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB
   GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG
   KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
   MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB
   SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US
   UY UZ VA VC VE VG VI VN VU WF WS XI YE YT ZA ZM ZW`,
);

/** UNTDID 4461 (BR-CL-16). */
export const paymentMeansCodes = codes(`${range(1, 70)} ${range(74, 78)} ${range(91, 98)} ZZZ`);

/** UNTDID 2005 as the norm restricts it: what the tax point date follows (BT-8). */
export const taxPointDateCodes = codes('3 35 432');

/** Media types of attached documents (BR-CL-24). */
export const attachmentTypes = codes(
  `application/pdf image/png image/jpeg text/csv application/vnd.oasis.opendocument.spreadsheet
   application/vnd.openxmlformats-officedocument.spreadsheetml.sheet`,
);

/** The form of UN/ECE Recommendation 20 and 21 codes (BR-CL-23); the list has over two thousand. */
export const unitCodeForm = /^[A-Z0-9]{1,3}$/;

/** The form of VATEX codes (BR-CL-22); the list grows with every national exemption. */
export const exemptionCodeForm = /^VATEX-[A-Z]{2}-[A-Z0-9-]+$/i;
