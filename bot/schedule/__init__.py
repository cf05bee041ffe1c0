"""What happens by the clock. The scheduler only beats; what is due is a query, so a beat too many changes nothing."""
