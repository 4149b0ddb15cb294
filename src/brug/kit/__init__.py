"""What every page of a desk is made of: base template, components, fields, the menu. It knows no desk."""
