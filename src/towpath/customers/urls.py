"""Addresses of the customers area, and who may open them."""

from towpath.customers import pages
from towpath.customers.rules import FORGET_CUSTOMERS, READ_CUSTOMERS, WRITE_CUSTOMERS
from towpath.foundation.access.routes import route

app_name = "customers"
urlpatterns = [
    route("customers/", pages.customer_list, name="list", access=READ_CUSTOMERS),
    route("customers/questions/<int:question_id>/", pages.answer, name="answer", access=WRITE_CUSTOMERS),
    route("customers/<str:key>/", pages.show_story, name="story", access=READ_CUSTOMERS),
    route("customers/<str:key>/forget/", pages.forget, name="forget", access=FORGET_CUSTOMERS),
    route("customers/<str:key>/change/", pages.change, name="change", access=WRITE_CUSTOMERS),
]
