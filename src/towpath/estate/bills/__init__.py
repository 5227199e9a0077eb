"""Software bills of materials: what an application, a device or an image is made of, as its maker says."""

from towpath.estate.bills.bill import Bill, BillRefused, Part, Statement, Status
from towpath.estate.bills.reading import read_bill

__all__ = ["Bill", "BillRefused", "Part", "Statement", "Status", "read_bill"]
