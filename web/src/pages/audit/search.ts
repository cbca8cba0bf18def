// What an address says about the page "Audit": the filters.

export { auditSearch } from "@/features/audit/search";
