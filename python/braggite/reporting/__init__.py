"""What people and scripts read: documents, text, pages and plots of the same results."""
