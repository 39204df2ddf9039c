// One of each digit, from the optical recognition of handwritten digits data set (E. Alpaydin and
// C. Kaynak, UCI Machine Learning Repository, CC BY 4.0). A character is a pixel: 0 to 9, then a to g for 10 to 16.

const INK = "0123456789abcdefg";

export const samples = [
  "008fgb0002ga4e4006g208800ac00b6009b00f6008c07f1002f7f90000agc100",
  "0004fc00005fgb0008ggg4000ebbg2000007g0000009g2000009g3000005g500",
  "01aff5000bg9ca000f60e7000006g500001fb000005g400001fb8ce101fggc50",
  "02afgge007b46f900006fc00003g9000005g8000000bf2000016g20001gg6000",
  "0002g300000cd000008f210001f81db009g7cg4005dggb000002g5000004g200",
  "00acgg8004ggb5400ac300000cb0000006ge8000005ag3000048g30000dgb000",
  "000ef100006gb00000df200000gc000003ggga1002gc4bc000ae6ef0001dgga0",
  "003cgd0001e9ad000020aa000037fga000ggf300003d7000000g2000004f0000",
  "00bgge0001gfdf1000efg600008g7000008g700000ded00000gbf00000cga000",
  "02egg70006f56d0004f09g6002dggf9000142f8000001g600001cf2001egg600",
].map((text) => Array.from(text, (character) => INK.indexOf(character)));
