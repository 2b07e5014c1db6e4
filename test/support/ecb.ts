/** Documents in the form of the ECB's eurofxref files. */

export const ratesDocument = (days: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender>
		<gesmes:name>European Central Bank</gesmes:name>
	</gesmes:Sender>
	<Cube>${days}</Cube>
</gesmes:Envelope>
`;

/** The daily file. */
export const dailyRates = (date: string, rates: Record<string, string>): string => {
  const cubes = Object.entries(rates).map(([code, rate]) => `\n\t\t\t<Cube currency='${code}' rate='${rate}'/>`);
  return ratesDocument(`\n\t\t<Cube time='${date}'>${cubes.join('')}\n\t\t</Cube>\n\t`);
};
