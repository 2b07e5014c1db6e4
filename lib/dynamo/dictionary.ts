/**
 * Preset dictionaries for deflate: texts that invoices and their answers are full of, the likeliest last. A stored text needs
 * the very dictionary it was written with, so these never change: add another and name it `newest`.
 */
const first = [
  '"attachments":[{"filename":"","mimeType":"application/pdf","description":"","data":""}]',
  '"precedingInvoices":[{"number":"","issueDate":""}],"salesOrder":"","purchaseOrder":"","delivery":{"date":"","locationId":"","partyName":""',
  '"card":{"pan":"","network":"","holderName":""},"directDebit":{"mandateId":"","debitedAccount":""}',
  '"classifications":[{"listId":"","listVersion":"","value":""}],"attributes":[{"name":"","value":""}],"orderLineReference":"","originCountry":"",',
  '"standardId":{"scheme":"0160","value":""},"sellersItemId":"","buyersItemId":"","accountingCost":"","exemptionReasonCode":"VATEX-EU-","exemptionReason":"Reverse charge"',
  '"allowances":[{"reason":"Discount","reasonCode":"95","amount":,"percentage":"","baseAmount":}],"charges":[{"reason":"Freight","reasonCode":"FC"',
  '"vatCurrency":"","buyerReference":"","projectReference":"","contractReference":"","tenderOrLotReference":"","taxPointDate":"","period":{"startDate":"20","endDate":"20"},',
  '{"data":{"id":"","company_id":"","user_id":null,"state":"draft","direction":"outgoing","amount":,"currency":"EUR","ubl_version":"2.1","ubl_json":{"header":{"specification":"urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0","business_process":"urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",',
  '"invoice_number":"INV-202","invoice_type_code":"380","issue_date":"202","due_date":"202","endpoint_id":{"scheme":"","value":""},"legal_name":"","trading_name":"","company_id":{"scheme":"","value":""},"vat_number":"DE","tax_registration_id":{',
  '"address":{"street":"","additional_line":"","city":"","subdivision":"","postal_code":"","country":"DE"},"contact":{"name":"","phone":"+49","email":"@example.com"}},',
  '"payment":{"terms":"","payments":[{"means_code":"58","means_text":"","payment_id":"","bank_accounts":[{"iban":"DE","bic":"","account_name":""}]}]},',
  '"items":[{"id":"1","name":"","description":"","price":,"quantity":1,"unit_code":"C62","tax_rate":19,"tax_category":"S","line_amount":},{"id":"2","name":"","price":,"quantity":1,"unit_code":"HUR","tax_rate":19,"tax_category":"S","line_amount":}],',
  '"totals":{"line_extension_amount":,"allowance_total_amount":0,"charge_total_amount":0,"tax_exclusive_amount":,"tax_amount":,"tax_inclusive_amount":,"paid_amount":0,"payable_rounding_amount":0,"payable_amount":},"tax_breakdown":[{"category_code":"S","rate":19,"taxable_amount":,"tax_amount":}]},',
  '"metadata_json":{"contract":"invoices","warnings":[]},"delivery_network_id":null,"business_entity_id":"","related_invoice_id":null,"payment_status":"unpaid","total_paid_cents":0,"is_test":false,"created_at":"202","updated_at":"202","deleted_at":null}}',
  '{"document":{"specification":"urn:cen.eu:en16931:2017","typeCode":"380","issueDate":"202","dueDate":"202","currency":"EUR","notes":[""],"seller":{"endpointId":{"scheme":"","value":""},"identifiers":[{"scheme":"","value":""}],"name":" GmbH","legalName":"","tradingName":"","companyId":{"scheme":"","value":""},"vatNumber":"DE","taxRegistrationId":{',
  '"address":{"street":"","additionalLine":"","city":"Berlin","subdivision":"","postalCode":"","country":"DE"},"contact":{"name":"","phone":"+49","email":"@example.com"}},"buyer":{"name":"","paymentTerms":"","paymentMeans":[{"meansCode":"58","meansText":"","paymentId":"","bankAccounts":[{"iban":"DE","bic":"","accountName":""}]}],',
  '"lines":[{"id":"1","name":"","description":"","note":"","quantity":"1","unitCode":"C62","price":"100","taxCategory":"S","taxRate":"19"},{"id":"2","name":"","quantity":"2","unitCode":"HUR","price":"","taxCategory":"S","taxRate":"7"}]},',
  '"figures":{"lines":[{"net":,"allowances":[],"charges":[]},{"net":,"allowances":[],"charges":[]}],"allowances":[],"charges":[],"taxBreakdown":[{"taxCategory":"S","taxRate":"19","taxable":,"tax":}],"totals":{"lineExtension":,"allowances":0,"charges":0,"taxExclusive":,"tax":,"taxInclusive":,"prepaid":0,"rounding":0,"payable":}},"warnings":[],"extras":{}}',
].join('');

/** Dictionaries by the number that stored texts begin with. */
export const dictionaries: ReadonlyMap<number, Buffer> = new Map([[1, Buffer.from(first)]]);

/** The dictionary that new texts are written with. */
export const newest = 1;
